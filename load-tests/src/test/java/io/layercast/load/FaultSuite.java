package io.layercast.load;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * On a class whose tests break something on purpose: {@code ./layercast verify --faults} runs all
 * of them, {@code ./layercast verify} those that are not tagged {@code long}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("fault")
@ExtendWith({OnFailureKeepLogs.class, FaultTable.class})
@interface FaultSuite {}

package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class DistributionPlotTest {
  @Test
  void svg_hasALineForEachSeries_fromNothingToAll() throws Exception {
    String svg =
        new DistributionPlot("pulls of <b> & c", "seconds")
            .add("measured", new double[] {10, 20})
            .add("predicted", new double[] {15})
            .svg();
    Document parsed =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertThat(parsed.getElementsByTagName("polyline").getLength()).isEqualTo(2);
    Element first = (Element) parsed.getElementsByTagName("polyline").item(0);
    // 0 to 20 s lie between 56 and 624, 0 to 100 % between 272 and 40.
    assertThat(first.getAttribute("points"))
        .isEqualTo("56.0,272.0 340.0,272.0 340.0,156.0 624.0,156.0 624.0,40.0 624.0,40.0");
  }
}

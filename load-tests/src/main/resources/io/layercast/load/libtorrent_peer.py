"""One end of a transfer by libtorrent, told by lines on standard input (see LibtorrentEnds)."""

import sys

import libtorrent as lt

session = lt.session({
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
    "listen_interfaces": "",
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
})
handles = []


def add(folder, torrent, flags):
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    parameters.flags = flags
    handle = session.add_torrent(parameters)
    handles.append(handle)
    return handle


def until(kind, count):
    """Returns after so many alerts of a kind; sleeps in between."""
    while count > 0:
        session.wait_for_alert(1000)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.torrent_error_alert):
                raise RuntimeError(alert.message())
            if isinstance(alert, kind):
                count -= 1


def do(words):
    if words[0] == "version":
        return lt.__version__
    if words[0] == "listen":
        session.apply_settings({"listen_interfaces": words[1] + ":0"})
        until(lt.listen_succeeded_alert, 1)
        return words[1] + ":" + str(session.listen_port())
    if words[0] == "seed":
        for torrent in words[2:]:
            add(words[1], torrent, lt.torrent_flags.seed_mode)
        return ""
    if words[0] == "fetch":
        host, port = words[1].split(":")
        for torrent in words[3:]:
            add(words[2], torrent, lt.torrent_flags.default_flags & ~lt.torrent_flags.auto_managed
                & ~lt.torrent_flags.paused).connect_peer((host, int(port)))
        until(lt.torrent_finished_alert, len(words) - 3)
        return ""
    if words[0] == "drop":
        for handle in handles:
            session.remove_torrent(handle)
        until(lt.torrent_removed_alert, len(handles))
        handles.clear()
        return ""
    raise ValueError(words[0])


for line in sys.stdin:
    try:
        print("ok " + do(line.split()), flush=True)
    except Exception as e:
        print("failed " + repr(e), flush=True)

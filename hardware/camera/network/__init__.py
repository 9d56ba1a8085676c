"""Network cameras: their addresses, and their images over HTTP and RTSP."""

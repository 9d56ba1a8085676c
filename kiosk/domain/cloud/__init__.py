"""Matching by Amazon Rekognition: what is decided about it, without the wire."""

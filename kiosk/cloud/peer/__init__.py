"""The loopback peer: a server that answers as Amazon Rekognition does, without an account."""

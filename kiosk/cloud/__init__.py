"""Amazon Rekognition: the second matcher, and the flows that keep its collections."""

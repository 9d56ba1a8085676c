"""The parts that Amazon Rekognition as a matcher is put together from."""

"""What is counted of Rekognition and of the door: for Prometheus, CloudWatch and the journal."""

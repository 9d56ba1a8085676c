"""What has to happen in the cloud later: kept until it is done, whatever happens to the kiosk."""

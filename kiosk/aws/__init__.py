"""AWS's services over boto3: where they are asked, and what their faults mean."""

"""Reads an EC2 endpoint with boto3 and prints what it understood as JSON: `read_ec2.py ENDPOINT REGION`."""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, region = sys.argv[1:3]
ec2 = boto3.client(
    "ec2",
    endpoint_url=endpoint,
    region_name=region,
    aws_access_key_id="AKIATEST",
    aws_secret_access_key="secret",
    config=Config(retries={"total_max_attempts": 1}),
)


def refusal(call):
    try:
        call()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


print(
    json.dumps(
        {
            "RouteTables": ec2.get_paginator("describe_route_tables").paginate().build_full_result()["RouteTables"],
            "NetworkInterfaces": ec2.describe_network_interfaces()["NetworkInterfaces"],
            "Reservations": ec2.describe_instances()["Reservations"],
            "refusal": refusal(
                lambda: ec2.delete_route(RouteTableId="rtb-1", DestinationCidrBlock="10.250.0.0/16")
            ),
        },
        default=lambda value: value.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    )
)

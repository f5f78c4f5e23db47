"""moto's server, taught three things without which a deployment cannot be followed to its end.

Usage: python moto_deploy_server.py PORT

AWS::Lambda::Url, which outputs and the admin function refer to, is put on moto's own function URLs; the call that
switches a stack's termination protection is answered; and a change set gives a stack its outputs, as an update does. What
else moto's CloudFormation does not know it skips with a warning; deploy.test.ts lists it.
"""

import sys

from moto.awslambda.models import lambda_backends
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult


class FunctionUrl(CloudFormationModel):
    __module__ = "moto.awslambda.function_url"  # moto takes the service from here

    def __init__(self, function_arn, url):
        self.function_arn = function_arn
        self.url = url

    @property
    def physical_resource_id(self):
        return self.function_arn

    @staticmethod
    def cloudformation_name_type():
        return ""

    @staticmethod
    def cloudformation_type():
        return "AWS::Lambda::Url"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr in ("FunctionUrl", "FunctionArn")

    def get_cfn_attribute(self, attribute_name):
        return self.url if attribute_name == "FunctionUrl" else self.function_arn

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = cloudformation_json["Properties"]
        backend = lambda_backends[account_id][region_name]
        config = backend.create_function_url_config(properties["TargetFunctionArn"], properties)
        config.url = config.url.rstrip("/") + "/"
        return cls(config.function.function_arn, config.url)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, *args, **kwargs):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        try:
            lambda_backends[account_id][region_name].delete_function_url_config(resource_name)
        except Exception:
            pass  # the function went first, and its URL with it


def update_termination_protection(self):
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = str(self._get_param("EnableTerminationProtection")).lower() == "true"
    return ActionResult({"StackId": stack.stack_id})


CloudFormationResponse.update_termination_protection = update_termination_protection


def execute_change_set_with_outputs(self, change_set_name, stack_name=None):
    execute_change_set(self, change_set_name, stack_name)
    for stack in self.stacks.values():
        stack._parse_template()
        stack.output_map = stack._create_output_map()


execute_change_set = CloudFormationBackend.execute_change_set
CloudFormationBackend.execute_change_set = execute_change_set_with_outputs


if __name__ == "__main__":
    from moto.server import main

    main(["-H", "127.0.0.1", "-p", sys.argv[1]])

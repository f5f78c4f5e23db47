variable "project" {
  description = "Project that everything here is made in."
  type        = string
}

variable "region" {
  description = "Region of functions, queues and schedule."
  type        = string
}

variable "name" {
  description = "What every name here begins with."
  type        = string
  default     = "pointsman"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}[a-z0-9]$", var.name))
    error_message = "2 to 17 lower-case letters, digits and '-': a service account's name has room for no more."
  }
}

variable "package" {
  description = "What `npm run package:gcp` wrote."
  type        = string
  default     = "../../.package/gcp.zip"
}

variable "table" {
  description = "Name of the DynamoDB table."
  type        = string
}

variable "aws_region" {
  description = "AWS region of the table and of the parameters."
  type        = string
}

variable "aws_role_prefix" {
  description = "What the roles' ARNs begin with: output GoogleRolePrefix of deploy/aws/web-identity.yml, such as arn:aws:iam::123456789012:role/pointsman-prod-gcp."
  type        = string
}

variable "aws_audience" {
  description = "Audience of the tokens for AWS: the parameter Audience of deploy/aws/web-identity.yml."
  type        = string
  default     = "pointsman"
}

variable "parameter_prefix" {
  description = "Where `pointsman init` put the master key and the hash of the admin token."
  type        = string
}

variable "endpoints" {
  description = "Hosts of the heartbeat endpoints for the URIs that the admin API gives out; empty: the function's own."
  type        = list(string)
  default     = []
}

variable "runtime" {
  description = "Version of Node.js."
  type        = string
  default     = "nodejs22"
}

variable "ready_heartbeat" {
  description = "Instances of the heartbeat function that are kept ready."
  type        = number
  default     = 0
}

variable "ready_routes" {
  description = "Instances of the routes function that are kept ready: a swap then waits for no cold start."
  type        = number
  default     = 0
}

variable "maximum_swaps" {
  description = "Locations whose routes are worked on at the same time at most."
  type        = number
  default     = 10
}

variable "maximum_ticks" {
  description = "Ticks that are worked on at the same time at most."
  type        = number
  default     = 5
}

variable "alarm_email" {
  description = "Where alarms are sent; empty: nowhere."
  type        = string
  default     = ""
}

# Routes that Pointsman keeps for backbone/us-east.1 in aws us-east-1 vpc-0a1, rtb-0a1 rtb-0a2. Printed by
# pointsman export backbone/us-east.1 --format terraform
#
# The rules of a route table are one list in Oracle Cloud, and Terraform writes it whole and without an etag: it would
# overwrite the rules below, and Pointsman would put them back within a minute. So the rules have to be ignored, and
# rules of your own are then to be changed elsewhere:
#
#   resource "oci_core_route_table" "this" {
#     # …
#     lifecycle { ignore_changes = [route_rules] }
#   }
#
# So that a route of yours never clashes with one of these, check it against the lists below, such as
#
#   lifecycle {
#     precondition {
#       condition     = !contains(local.pointsman_backbone_us_east_1.destinations, var.destination)
#       error_message = "This destination is kept by Pointsman."
#     }
#   }
locals {
  pointsman_backbone_us_east_1 = {
    link         = "backbone"
    location     = "us-east.1"
    provider     = "oci"
    strategy     = "routes"
    destinations = ["10.1.0.0/16", "fd00:1::/64"]
    tables       = ["rtb-0a1", "rtb-0a2"]
    owned = [
      { table = "rtb-0a1", destination = "10.1.0.0/16" },
      { table = "rtb-0a2", destination = "10.1.0.0/16" },
    ]
  }
}

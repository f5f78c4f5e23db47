# Routes that Pointsman keeps for backbone/us-east.1 in aws us-east-1 vpc-0a1, rtb-0a1 rtb-0a2. Printed by
# pointsman export backbone/us-east.1 --format terraform
#
# Do not declare these routes. Routes inside of the table's resource are a whole list to Terraform: it would remove the
# ones below. So either have no inline routes, or ignore them.
# An azurerm_route that you declared before Pointsman adopted the route may stay, if its next hop is ignored.
#
#   resource "azurerm_route_table" "this" {
#     # …
#     lifecycle { ignore_changes = [route] }
#   }
#   resource "azurerm_route" "adopted" {
#     # …
#     lifecycle { ignore_changes = [next_hop_type, next_hop_in_ip_address] }
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
    provider     = "azure"
    strategy     = "routes"
    destinations = ["10.1.0.0/16", "fd00:1::/64"]
    tables       = ["rtb-0a1", "rtb-0a2"]
    owned = [
      { table = "rtb-0a1", destination = "10.1.0.0/16" },
      { table = "rtb-0a2", destination = "10.1.0.0/16" },
    ]
  }
}

# Routes that Pointsman keeps for backbone/us-east.1 in aws us-east-1 vpc-0a1, rtb-0a1 rtb-0a2. Printed by
# pointsman export backbone/us-east.1 --format terraform
#
# Do not declare these routes as google_compute_route: a route of Google Cloud cannot be changed, so Pointsman puts a new
# one of another name and removes the old one, and Terraform would create the old one again at its next run;
# ignore_changes does not help against that. Take one that you declared out of the state before Pointsman adopts it:
#
#   removed {
#     from = google_compute_route.adopted
#     lifecycle { destroy = false }
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
    provider     = "gcp"
    strategy     = "routes"
    destinations = ["10.1.0.0/16", "fd00:1::/64"]
    tables       = ["rtb-0a1", "rtb-0a2"]
    owned = [
      { table = "rtb-0a1", destination = "10.1.0.0/16" },
      { table = "rtb-0a2", destination = "10.1.0.0/16" },
    ]
  }
}

output "heartbeat_host" {
  description = "The endpoint that stands in the URI of every link host."
  value       = local.host
}

output "admin_url" {
  description = "What the pointsman command is given as --url."
  value       = "${local.url["admin"]}/"
}

output "aws_web_identity" {
  description = "Parameters of deploy/aws/web-identity.yml, as `aws cloudformation deploy --parameter-overrides` takes them."
  value = join(" ", [
    "Audience=${var.aws_audience}",
    "GoogleHeartbeatAccount=${google_service_account.functions["heartbeat"].unique_id}",
    "GoogleFailoverAccount=${google_service_account.functions["failover"].unique_id}",
    "GoogleRoutesAccount=${google_service_account.functions["routes"].unique_id}",
    "GoogleAdminAccount=${google_service_account.functions["admin"].unique_id}",
  ])
}

output "routes_account" {
  description = "Service account of the routes function: bind the role of docs/clouds/gcp.md to it."
  value       = google_service_account.functions["routes"].email
}

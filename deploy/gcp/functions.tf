# One package, five functions. Who is called by whom: hosts and operators call heartbeat and admin; the schedule, over
# Pub/Sub, failover; Cloud Tasks, in the name of the tasks account, ticks and routes.
locals {
  # Addresses that Cloud Run gives a service by rule, so that a function can be told its own.
  url = { for name in ["heartbeat", "admin", "failover", "ticks", "routes"] :
    name => "https://${var.name}-${name}-${data.google_project.this.number}.${var.region}.run.app"
  }
  host = trimprefix(local.url["heartbeat"], "https://")

  environment = {
    AWS_REGION                           = var.aws_region
    POINTSMAN_TABLE                      = var.table
    POINTSMAN_AWS_AUDIENCE               = var.aws_audience
    POINTSMAN_MASTER_KEY_PARAMETER       = "${var.parameter_prefix}/master-key"
    POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER = "${var.parameter_prefix}/admin-token-hash"
    POINTSMAN_ENDPOINTS                  = length(var.endpoints) > 0 ? join(",", var.endpoints) : local.host
    POINTSMAN_TASKS_PROJECT              = var.project
    POINTSMAN_TASKS_LOCATION             = var.region
    POINTSMAN_TASKS_ACCOUNT              = google_service_account.tasks.email
    POINTSMAN_FAILOVER_URL               = local.url["ticks"]
    POINTSMAN_ROUTES_URL                 = local.url["routes"]
  }

  # `account` says which service account, and with it which role on AWS. A whole processor is what lets one instance work on
  # several requests at a time.
  functions = {
    heartbeat = { account = "heartbeat", memory = "512Mi", cpu = "1", at_once = 40, timeout = 10, ready = var.ready_heartbeat, most = 20 }
    admin     = { account = "admin", memory = "512Mi", cpu = "1", at_once = 10, timeout = 30, ready = 0, most = 3 }
    failover  = { account = "failover", memory = "512Mi", cpu = "1", at_once = 1, timeout = 30, ready = 0, most = 2 }
    ticks     = { account = "failover", memory = "512Mi", cpu = "1", at_once = 4, timeout = 30, ready = 0, most = var.maximum_ticks }
    routes    = { account = "routes", memory = "512Mi", cpu = "1", at_once = 1, timeout = 30, ready = var.ready_routes, most = var.maximum_swaps }
  }
}

resource "google_storage_bucket" "package" {
  name                        = "${var.project}-${var.name}-package"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  depends_on                  = [google_project_service.apis]
}

resource "google_storage_bucket_object" "package" {
  name   = "pointsman-${filemd5(var.package)}.zip"
  bucket = google_storage_bucket.package.name
  source = var.package
}

resource "google_cloudfunctions2_function" "functions" {
  for_each    = local.functions
  name        = "${var.name}-${each.key}"
  location    = var.region
  description = "Pointsman: ${each.key}"
  labels      = { application = "pointsman" }

  build_config {
    runtime         = var.runtime
    entry_point     = each.key
    service_account = google_service_account.build.id
    source {
      storage_source {
        bucket = google_storage_bucket.package.name
        object = google_storage_bucket_object.package.name
      }
    }
  }

  service_config {
    available_memory                 = each.value.memory
    available_cpu                    = each.value.cpu
    max_instance_request_concurrency = each.value.at_once
    min_instance_count               = each.value.ready
    max_instance_count               = each.value.most
    timeout_seconds                  = each.value.timeout
    ingress_settings                 = "ALLOW_ALL"
    all_traffic_on_latest_revision   = true
    service_account_email            = google_service_account.functions[each.value.account].email
    environment_variables = merge(local.environment, {
      POINTSMAN_AWS_ROLE_ARN = "${var.aws_role_prefix}-${each.value.account}"
    })
  }

  dynamic "event_trigger" {
    for_each = each.key == "failover" ? [1] : []
    content {
      trigger_region        = var.region
      event_type            = "google.cloud.pubsub.topic.v1.messagePublished"
      pubsub_topic          = google_pubsub_topic.sweep.id
      service_account_email = google_service_account.tasks.email
      # A sweep that failed is not repeated late: the next one is at most a minute away.
      retry_policy = "RETRY_POLICY_DO_NOT_RETRY"
    }
  }

  depends_on = [google_project_iam_member.build, google_project_iam_member.build_reads, google_project_iam_member.events]
}

# Everybody may call heartbeat and admin: each request proves itself, by a host's signature or by the admin token.
resource "google_cloud_run_service_iam_member" "public" {
  for_each = toset(["heartbeat", "admin"])
  location = var.region
  service  = google_cloudfunctions2_function.functions[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_service_iam_member" "called" {
  for_each = toset(["failover", "ticks", "routes"])
  location = var.region
  service  = google_cloudfunctions2_function.functions[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.tasks.member
}

# The sweep, which alone sends the ticks in between.
resource "google_pubsub_topic" "sweep" {
  name                       = "${var.name}-sweep"
  message_retention_duration = "600s"
  labels                     = { application = "pointsman" }
  depends_on                 = [google_project_service.apis]
}

resource "google_cloud_scheduler_job" "sweep" {
  name        = "${var.name}-sweep"
  region      = var.region
  description = "The sweep of Pointsman"
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.sweep.id
    data       = base64encode(jsonencode({ scheduled = "sweep" }))
  }

  retry_config {
    retry_count = 0
  }

  depends_on = [google_project_service.apis]
}

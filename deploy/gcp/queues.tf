# Messages are only hints: what they lead to is read from the table. So one that fails is tried a few times and dropped.
locals {
  queues = {
    swaps = { name = "pointsman-swaps", at_once = var.maximum_swaps }
    ticks = { name = "pointsman-ticks", at_once = var.maximum_ticks }
  }
}

# A queue's name cannot be used again for three days after it was deleted.
resource "google_cloud_tasks_queue" "queues" {
  for_each = local.queues
  name     = each.value.name
  location = var.region

  rate_limits {
    max_concurrent_dispatches = each.value.at_once
    max_dispatches_per_second = 100
  }

  retry_config {
    max_attempts       = 3
    max_retry_duration = "3600s"
    min_backoff        = "1s"
    max_backoff        = "10s"
    max_doublings      = 3
  }

  depends_on = [google_project_service.apis]
}

# What tells a person that Pointsman itself is in trouble; what to do on each is in docs/deploy/gcp.md.
locals {
  services = [for name in keys(local.functions) : "${var.name}-${name}"]
  ours     = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for name in local.services : "\"${name}\""])})"
  log_metrics = {
    errors = {
      filter = "${local.ours} AND (severity>=ERROR OR jsonPayload.level=\"ERROR\" OR textPayload:\"\\\"level\\\":\\\"ERROR\\\"\")"
      text   = "A function failed, or logged errors, in three of five minutes: its log says what."
      most   = 2
    }
    not-confirmed = {
      filter = "${local.ours} AND (jsonPayload.message=\"decision not confirmed\" OR textPayload:\"decision not confirmed\")"
      text   = "The routes of a location do not point at its active host. `pointsman status` says which and why."
      most   = 1
    }
  }
  channels = google_monitoring_notification_channel.email[*].id
}

resource "google_monitoring_notification_channel" "email" {
  count        = var.alarm_email == "" ? 0 : 1
  display_name = "${var.name} alarms"
  type         = "email"
  labels       = { email_address = var.alarm_email }
  depends_on   = [google_project_service.apis]
}

resource "google_logging_metric" "lines" {
  for_each = local.log_metrics
  name     = "${var.name}-${each.key}"
  filter   = each.value.filter
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
  depends_on = [google_project_service.apis]
}

resource "google_monitoring_alert_policy" "lines" {
  for_each              = local.log_metrics
  display_name          = "${var.name}-${each.key}"
  combiner              = "OR"
  notification_channels = local.channels

  documentation {
    content = each.value.text
  }

  conditions {
    display_name = each.value.text
    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.lines[each.key].name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.most
      duration        = "0s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

# Seen from the outside: nobody has called the failover function for five minutes, whatever the reason.
resource "google_monitoring_alert_policy" "sweep_missing" {
  display_name          = "${var.name}-sweep-missing"
  combiner              = "OR"
  notification_channels = local.channels

  documentation {
    content = "The failover function has not run for five minutes. Dead hosts are found by heartbeats of others only."
  }

  conditions {
    display_name = "the failover function has not run for five minutes"
    condition_absent {
      filter   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-failover\" AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"2xx\""
      duration = "300s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

# A line in the request log for each heartbeat would cost more than the heartbeat.
resource "google_logging_project_exclusion" "heartbeats" {
  name        = "${var.name}-heartbeats"
  description = "Heartbeats that were answered well"
  filter      = "log_id(\"run.googleapis.com/requests\") AND resource.labels.service_name=\"${var.name}-heartbeat\" AND httpRequest.status<400"
  depends_on  = [google_project_service.apis]
}

# One service account for each function, which AWS knows by its unique id; one that calls functions; one that builds them.
resource "google_service_account" "functions" {
  for_each     = toset(["heartbeat", "failover", "routes", "admin"])
  account_id   = "${var.name}-${each.key}"
  display_name = "Pointsman: ${each.key}"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "tasks" {
  account_id   = "${var.name}-tasks"
  display_name = "Pointsman: calls the functions failover, ticks and routes"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "build" {
  account_id   = "${var.name}-build"
  display_name = "Pointsman: builds the functions"
  depends_on   = [google_project_service.apis]
}

# Every function may put tasks into both queues, and say that they call in the name of the tasks account.
resource "google_cloud_tasks_queue_iam_member" "enqueuers" {
  for_each = {
    for pair in setproduct(keys(google_cloud_tasks_queue.queues), keys(google_service_account.functions)) :
    "${pair[0]}-${pair[1]}" => { queue = pair[0], account = pair[1] }
  }
  name     = google_cloud_tasks_queue.queues[each.value.queue].name
  location = var.region
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.functions[each.value.account].member
}

resource "google_service_account_iam_member" "tasks_users" {
  for_each           = google_service_account.functions
  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value.member
}

# The trigger of the failover function.
resource "google_project_iam_member" "events" {
  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.tasks.member
}

# What a build does: read the package, write the image, log.
resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter"])
  project  = var.project
  role     = each.value
  member   = google_service_account.build.member
}

resource "google_project_iam_member" "build_reads" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member
}

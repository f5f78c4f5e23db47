# Pointsman on Cloud Run functions. State and secrets stay on AWS: docs/deploy/gcp.md says how to deploy both.
terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

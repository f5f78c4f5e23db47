// The function app: one identity, one package, HTTPS alone.
param name string
param location string
param tags object
param storageName string
param insightsName string
param nodeVersion string
param instanceMemoryMB int
param maximumInstances int
param readyRoutes int
param readyHttp int
param table string
param awsRegion string
param awsRoleArn string
param awsAudience string
param parameterPrefix string
param endpoints string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}packages'
          authentication: { type: 'SystemAssignedIdentity' }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: concat(
          readyHttp > 0 ? [{ name: 'http', instanceCount: readyHttp }] : [],
          readyRoutes > 0 ? [{ name: 'function:routes', instanceCount: readyRoutes }] : []
        )
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__accountName: account.name
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD'
      AWS_REGION: awsRegion
      POINTSMAN_TABLE: table
      POINTSMAN_AWS_ROLE_ARN: awsRoleArn
      POINTSMAN_AWS_AUDIENCE: awsAudience
      POINTSMAN_MASTER_KEY_PARAMETER: '${parameterPrefix}/master-key'
      POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: '${parameterPrefix}/admin-token-hash'
      POINTSMAN_ENDPOINTS: empty(endpoints) ? app.properties.defaultHostName : endpoints
      POINTSMAN_QUEUE_URL: account.properties.primaryEndpoints.queue
      POINTSMAN_QUEUES__queueServiceUri: account.properties.primaryEndpoints.queue
    }
  }
}

// The package is deployed by identity; a password for it would be one more secret.
resource noBasicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for kind in ['scm', 'ftp']: {
    parent: app
    name: kind
    properties: { allow: false }
  }
]

output principalId string = app.identity.principalId
output host string = app.properties.defaultHostName
// The host keeps every path that begins with /admin to itself.
output adminUrl string = 'https://${app.properties.defaultHostName}/pointsman/'

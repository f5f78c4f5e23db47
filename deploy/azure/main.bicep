// Pointsman on Azure Functions, Flex Consumption. State and secrets stay on AWS: docs/deploy/azure.md says how to deploy both.
targetScope = 'resourceGroup'

@description('Name of the function app, and with it of its default host name. Unique in all of Azure.')
@minLength(2)
@maxLength(60)
param appName string

@description('Region of everything here; one that has Flex Consumption.')
param location string = resourceGroup().location

@description('Name of the DynamoDB table.')
param table string

@description('AWS region of the table and of the parameters.')
param awsRegion string

@description('Role that the functions take on AWS: output AzureRoleArn of deploy/aws/web-identity.yml.')
param awsRoleArn string

@description('Application ID URI of the app registration that the tokens for AWS are made for.')
param awsAudience string

@description('Where pointsman init put the master key and the hash of the admin token.')
param parameterPrefix string

@description('Hosts of the heartbeat endpoints for the URIs that the admin API gives out, with commas; empty: the default host name.')
param endpoints string = ''

@description('Version of Node.js.')
param nodeVersion string = '22'

@description('Memory of one instance, MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 512

@description('Instances at the same time at most, over all functions.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@description('Instances of the routes function that are kept ready: a swap then waits for no cold start.')
@minValue(0)
param readyRoutes int = 1

@description('Instances of heartbeat and admin that are kept ready.')
@minValue(0)
param readyHttp int = 0

@description('Kind of the storage account; Standard_LRS where the region has no zones.')
param storageSku string = 'Standard_ZRS'

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Where alarms are sent; empty: nowhere.')
param alarmEmail string = ''

var tags = { application: 'pointsman' }

module storage 'storage.bicep' = {
  name: 'pointsman-storage'
  params: {
    name: 'pm${uniqueString(resourceGroup().id, appName)}'
    location: location
    tags: tags
    sku: storageSku
  }
}

module logs 'logs.bicep' = {
  name: 'pointsman-logs'
  params: {
    name: appName
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module app 'app.bicep' = {
  name: 'pointsman-app'
  params: {
    name: appName
    location: location
    tags: tags
    storageName: storage.outputs.name
    insightsName: logs.outputs.insightsName
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    readyRoutes: readyRoutes
    readyHttp: readyHttp
    table: table
    awsRegion: awsRegion
    awsRoleArn: awsRoleArn
    awsAudience: awsAudience
    parameterPrefix: parameterPrefix
    endpoints: endpoints
  }
}

module roles 'roles.bicep' = {
  name: 'pointsman-roles'
  params: {
    principalId: app.outputs.principalId
    storageName: storage.outputs.name
    insightsName: logs.outputs.insightsName
  }
}

module alarms 'alarms.bicep' = {
  name: 'pointsman-alarms'
  params: {
    name: appName
    location: location
    tags: tags
    insightsName: logs.outputs.insightsName
    email: alarmEmail
  }
}

@description('The endpoint that stands in the URI of every link host.')
output heartbeatHost string = app.outputs.host

@description('What the pointsman command is given as --url.')
output adminUrl string = app.outputs.adminUrl

@description('EntraPrincipal of deploy/aws/web-identity.yml, and the assignee of roles on route tables.')
output principalId string = app.outputs.principalId

@description('EntraTenant of deploy/aws/web-identity.yml.')
output tenantId string = tenant().tenantId

// What tells a person that Pointsman itself is in trouble; what to do on each is in docs/deploy/azure.md.
param name string
param location string
param tags object
param insightsName string
param email string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-alarms'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'pointsman'
    emailReceivers: empty(email) ? [] : [{ name: 'alarms', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var alarms = [
  {
    // The host writes one line when the failover function has run: host.json lets that category through.
    suffix: 'sweep-missing'
    text: 'The failover function has not run for five minutes. Dead hosts are found by heartbeats of others only.'
    query: 'traces | where tostring(customDimensions.Category) == "Function.failover" and message startswith "Executed"'
    operator: 'LessThan'
    threshold: 1
    severity: 1
  }
  {
    suffix: 'decision-not-confirmed'
    text: 'The routes of a location do not point at its active host. `pointsman status` says which and why.'
    query: 'traces | where message has "decision not confirmed"'
    operator: 'GreaterThanOrEqual'
    threshold: 2
    severity: 1
  }
  {
    suffix: 'errors'
    text: 'A function failed, or logged errors, three times in five minutes.'
    query: 'union traces, exceptions | where severityLevel >= 3 or message contains "\\"level\\":\\"ERROR\\""'
    operator: 'GreaterThanOrEqual'
    threshold: 3
    severity: 2
  }
  {
    suffix: 'dead-letters'
    text: 'A function failed three times on one message, which lies in a queue that ends in -poison now.'
    query: 'traces | where message has "MaxDequeueCount"'
    operator: 'GreaterThanOrEqual'
    threshold: 1
    severity: 2
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alarm in alarms: {
    name: '${name}-${alarm.suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}-${alarm.suffix}'
      description: alarm.text
      enabled: true
      severity: alarm.severity
      scopes: [insights.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alarm.query
            timeAggregation: 'Count'
            operator: alarm.operator
            threshold: alarm.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

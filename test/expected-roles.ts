/** The ARN of a resource of the template. */
export const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const sub = (service: string, rest: string) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
});

const log = (name: string) => ({
  Sid: "Log",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: sub("logs", `log-group:/aws/lambda/pointsman-prod-${name}:*`),
});
const state = {
  Sid: "State",
  Effect: "Allow",
  Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"],
  Resource: sub("dynamodb", "table/pointsman-prod"),
};
const seeTable = { Sid: "SeeTable", Effect: "Allow", Action: "dynamodb:DescribeTable", Resource: state.Resource };
const careForTable = { ...seeTable, Sid: "CareForTable", Action: ["dynamodb:DescribeTable", "dynamodb:Scan"] };
const send = {
  Sid: "Send",
  Effect: "Allow",
  Action: "sqs:SendMessage",
  Resource: [arnOf("TickQueue"), arnOf("SwapQueue")],
};
const receive = (queue: string) => ({
  Sid: "Receive",
  Effect: "Allow",
  Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  Resource: arnOf(queue),
});
const secrets = (...names: string[]) => {
  const parameters = names.map((name) => sub("ssm", `parameter/pointsman/prod/${name}`));
  return [
    { Sid: "ReadSecrets", Effect: "Allow", Action: "ssm:GetParameter", Resource: parameters },
    {
      Sid: "DecryptSecrets",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: sub("kms", "key/*"),
      Condition: {
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/aws/ssm" },
        StringEquals: {
          "kms:ViaService": { "Fn::Sub": `ssm.\${AWS::Region}.amazonaws.com` },
          "kms:EncryptionContext:PARAMETER_ARN": parameters,
        },
      },
    },
  ];
};
const regions = { "Fn::If": ["HasRegions", { Ref: "Regions" }, { Ref: "AWS::Region" }] };
const tables = { "Fn::Sub": `arn:\${AWS::Partition}:ec2:*:\${AWS::AccountId}:route-table/*` };
const tagged = { StringEquals: { "ec2:Region": regions, "aws:ResourceTag/pointsman:routes": "true" } };
const lists = { "Fn::Sub": `arn:\${AWS::Partition}:ec2:*:\${AWS::AccountId}:prefix-list/*` };
const marks = { "aws:TagKeys": "pointsman:location" };
const network = [
  {
    Sid: "SeeNetworks",
    Effect: "Allow",
    Action: [
      "ec2:DescribeRouteTables",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeSecurityGroups",
    ],
    Resource: "*",
    Condition: { StringEquals: { "ec2:Region": regions } },
  },
  {
    Sid: "WriteRoutes",
    Effect: "Allow",
    Action: ["ec2:CreateRoute", "ec2:ReplaceRoute"],
    Resource: tables,
    Condition: tagged,
  },
  {
    "Fn::If": [
      "MayRemoveRoutes",
      { Sid: "RemoveRoutes", Effect: "Allow", Action: "ec2:DeleteRoute", Resource: tables, Condition: tagged },
      { Ref: "AWS::NoValue" },
    ],
  },
  ...[
    {
      Sid: "SeePrefixLists",
      Effect: "Allow",
      Action: "ec2:DescribeManagedPrefixLists",
      Resource: "*",
      Condition: { StringEquals: { "ec2:Region": regions } },
    },
    {
      Sid: "KeepPrefixLists",
      Effect: "Allow",
      Action: ["ec2:GetManagedPrefixListEntries", "ec2:ModifyManagedPrefixList"],
      Resource: lists,
      Condition: {
        StringEquals: { "ec2:Region": regions },
        Null: { "aws:ResourceTag/pointsman:location": "false" },
      },
    },
    {
      Sid: "MakePrefixLists",
      Effect: "Allow",
      Action: "ec2:CreateManagedPrefixList",
      Resource: lists,
      Condition: {
        StringEquals: { "ec2:Region": regions },
        Null: { "aws:RequestTag/pointsman:location": "false" },
        "ForAllValues:StringEquals": marks,
      },
    },
    {
      Sid: "MarkNewPrefixLists",
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: lists,
      Condition: {
        StringEquals: { "ec2:Region": regions, "ec2:CreateAction": "CreateManagedPrefixList" },
        "ForAllValues:StringEquals": marks,
      },
    },
  ].map((statement) => ({ "Fn::If": ["MayKeepPrefixLists", statement, { Ref: "AWS::NoValue" }] })),
  {
    "Fn::If": [
      "MayAssumeRoles",
      {
        Sid: "WriteRoutesOfOtherAccounts",
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Resource: { Ref: "AssumeRoles" },
      },
      { Ref: "AWS::NoValue" },
    ],
  },
  {
    "Fn::If": [
      "MayReadCloudSecrets",
      {
        Sid: "EnterCloudsWithSecrets",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: { Ref: "CloudSecrets" },
      },
      { Ref: "AWS::NoValue" },
    ],
  },
  {
    "Fn::If": [
      "MayProveIdentity",
      {
        Sid: "EnterCloudsByWebIdentity",
        Effect: "Allow",
        Action: "sts:GetWebIdentityToken",
        Resource: "*",
        Condition: {
          "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": { Ref: "TokenAudiences" } },
          Null: { "sts:IdentityTokenAudience": "false" },
        },
      },
      { Ref: "AWS::NoValue" },
    ],
  },
];

/** Every statement of every function's role, as the template must hold it with the usual settings. */
export const expectedStatements = {
  heartbeat: [log("heartbeat"), state, send, ...secrets("master-key")],
  failover: [log("failover"), state, careForTable, send, receive("TickQueue")],
  routes: [log("routes"), state, send, receive("SwapQueue"), ...network],
  admin: [log("admin"), state, seeTable, send, ...secrets("master-key", "admin-token-hash")],
};

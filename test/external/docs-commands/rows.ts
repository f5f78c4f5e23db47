/**
 * How a command of a document is tried. `emulator`, `moto`: carried out for real, by the vendor's own command line; `sent`:
 * its request is made by the vendor's command line and taken by a server that notes it down; `parsed`: the vendor's command
 * line takes its arguments, and nothing is sent; `not here`: not at all.
 */
export type How = "emulator" | "moto" | "sent" | "parsed" | "not here";

export type Row = { readonly match: RegExp; readonly how: How; readonly why: string };

const row = (match: RegExp, how: How, why = ""): Row => ({ match, how, why });

const noLogin = "az calls nothing before somebody logged in to Entra";

/** Every command of every document fits exactly one row, and no row is without a command. */
export const rows: readonly Row[] = [
  row(/^aws ec2 create-tags /, "moto"),
  row(/^aws ec2 modify-network-interface-attribute /, "emulator"),
  row(/^aws ec2 describe-managed-prefix-lists /, "emulator"),
  row(/^aws iam (?:create-role|put-role-policy) /, "moto"),
  row(/^aws iam enable-outbound-web-identity-federation$/, "parsed", "moto does not know the action"),
  row(/^aws secretsmanager create-secret /, "moto"),

  row(/^az network nic (?:update|show) /, "parsed", noLogin),
  row(/^az network (?:route-table create|vnet subnet update) /, "parsed", `${noLogin}; the emulator makes no tables`),
  row(/^az account set /, "parsed", "it chooses among subscriptions of a login"),
  row(/^az resource tag /, "parsed", `${noLogin}; the emulator sets no tags`),
  row(/^az role (?:definition|assignment) create /, "parsed", `${noLogin}; nothing here emulates Azure's roles`),
  row(/^az ad (?:app|sp) /, "parsed", `${noLogin}; nothing here emulates Entra`),

  row(/^gcloud config set project /, "sent", "it writes to gcloud's own configuration"),
  row(/^gcloud services enable /, "sent", "nothing here emulates Service Usage"),
  row(
    /^gcloud compute instances (?:create|add-metadata|export|update-from-file) /,
    "sent",
    "the emulator makes no instances",
  ),
  row(/^gcloud compute firewall-rules create /, "sent", "the emulator makes no firewall rules"),
  row(/^gcloud iam /, "sent", "nothing here emulates Google's IAM"),
  row(/^gcloud projects /, "sent", "nothing here emulates the Resource Manager"),

  row(/^oci network vnic update /, "emulator"),
  row(/^oci network private-ip create /, "sent", "the emulator makes no private IPs"),
  row(/^oci iam /, "sent", "nothing here emulates OCI's IAM"),

  row(/^hcloud network (?:create|add-subnet) /, "sent", "the emulator makes no networks"),
  row(/^hcloud server (?:attach-to-network|add-label) /, "sent", "the emulator changes no servers"),
  row(/^curl .*\/v1\/(?:networks|servers)/, "emulator"),

  row(/^ssh /, "not here", "there is no server of that name to log in to"),
  row(/^ip route add /, "not here", "it would change the routes of this machine"),
];

import {
  ComponentResource,
  CustomResource,
  type CustomResourceOptions,
  type Input,
  type Output,
  secret,
} from "@pulumi/pulumi";

/** What a provider would make, were there one. */
export class Box extends CustomResource {
  declare readonly arn: Output<string>;
  declare readonly place: Output<string>;
  declare readonly version: Output<string>;
  declare readonly colour: Output<string>;
  constructor(name: string, args: Record<string, Input<unknown>>, opts: CustomResourceOptions = {}) {
    super(
      "test:index/box:Box",
      name,
      { arn: undefined, version: undefined, place: undefined, colour: undefined, ...args },
      opts,
    );
  }
}

export class Shelf extends ComponentResource {
  readonly box: Box;
  constructor(name: string, { code, ...args }: Record<string, string>) {
    super("test:index:Shelf", name);
    this.box = new Box(`${name}-box`, { ...args, code: secret(code) }, { parent: this });
    this.registerOutputs({});
  }
}

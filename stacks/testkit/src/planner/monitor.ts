import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import resources from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Planned } from "../graph.js";
import { readableFields } from "../readable.js";
import { plannedOf } from "../registered.js";
import { answerOf, type World } from "../world.js";
import { transform } from "./transforms.js";
import { packageOf, STACK_TYPE, urnOf } from "./urns.js";
import { type Fields, fieldsOf, isSecret, Refusal, secretOf, structOf, unary } from "./wire.js";

/** What a program asked without registering anything: a function of a provider, or a resource that is there already. */
export interface Call {
  /** The function's token, or the type of what was read. */
  readonly token: string;
  readonly args: Fields;
}

export interface Monitored {
  readonly project: string;
  readonly stack: string;
  readonly dryRun: boolean;
  readonly world: World;
  /** Packages whose resources must name their provider; `*` is all of them. */
  readonly withoutDefault: readonly string[];
}

const features = resources.ResourceMonitorFeature;

/** A feature that is not in this list the SDK refuses by itself, and says so: nothing is left out in silence. */
const FEATURES = [
  features.RESOURCE_MONITOR_FEATURE_SECRETS,
  features.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  features.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  features.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
  features.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  features.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  features.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
];

interface Made {
  readonly parent: string;
  readonly id: string;
  readonly state: Fields;
  readonly transforms: readonly Callback[];
}

/** Pulumi's monitor without an engine behind it: it writes down what is registered, and answers what the world says. */
export class Monitor {
  readonly planned: Planned[] = [];
  readonly calls: Call[] = [];
  /** What the stack tells, as it came. */
  outputs: Fields = {};
  readonly #about: Monitored;
  readonly #made = new Map<string, Made>();
  readonly #ofStack: Callback[] = [];

  constructor(about: Monitored) {
    this.#about = about;
  }

  service(): UntypedServiceImplementation {
    return {
      getDeploymentInfo: unary(() => {
        const answer = new resources.DeploymentInfo();
        answer.setSupportedfeaturesList(FEATURES);
        return answer;
      }),
      registerStackTransform: unary((callback: Callback) => {
        this.#ofStack.push(callback);
        return new empty.Empty();
      }),
      registerResource: unary(async (asked: RegisterResourceRequest) => this.#register(asked)),
      registerResourceOutputs: unary((asked: RegisterResourceOutputsRequest) => {
        // Those of components are nobody's here.
        if (asked.getUrn().split("::")[2] === STACK_TYPE) this.outputs = fieldsOf(asked.getOutputs());
        return new empty.Empty();
      }),
      readResource: unary((asked: ReadResourceRequest) => this.#read(asked)),
      invoke: unary((asked: ResourceInvokeRequest) => this.#invoke(asked)),
      signalAndWaitForShutdown: unary(() => new empty.Empty()),
    };
  }

  async #register(asked: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const transforms = asked.getTransformsList();
    const inherited = [...transforms, ...this.#transformsAbove(asked.getParent()), ...this.#ofStack];
    for (const callback of inherited) await transform(asked, callback);
    const [type, name] = [asked.getType(), asked.getName()];
    const urn = urnOf(this.#about, { parent: asked.getParent(), type, name });
    if (this.#made.has(urn)) throw new Refusal(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    if (asked.getCustom()) this.#needProvider(type, asked.getProvider());
    const planned = plannedOf(urn, asked);
    const { id, state } = this.#answered(asked, planned);
    this.planned.push(planned);
    this.#made.set(urn, { parent: asked.getParent(), id, state, transforms });
    const answer = new resources.RegisterResourceResponse();
    answer.setUrn(urn);
    answer.setId(id);
    answer.setObject(structOf(state));
    return answer;
  }

  /** Of a component's transforms its children are told, too. */
  #transformsAbove(urn: string): readonly Callback[] {
    const above = this.#made.get(urn);
    return above === undefined ? [] : [...above.transforms, ...this.#transformsAbove(above.parent)];
  }

  #needProvider(token: string, provider: string): void {
    const name = packageOf(token);
    const { withoutDefault } = this.#about;
    if (provider !== "" || name === "pulumi") return;
    if (withoutDefault.includes("*") || withoutDefault.includes(name)) {
      throw new Refusal(`Default provider for '${name}' disabled. '${token}' must use an explicit provider.`);
    }
  }

  /** In a dry run nothing is known but what was given: the SDK takes what is missing for unknown. */
  #answered(
    asked: RegisterResourceRequest,
    { type, name, inputs, custom }: Planned,
  ): { readonly id: string; readonly state: Fields } {
    const given = fieldsOf(asked.getObject());
    if (!custom || this.#about.dryRun) return { id: "", state: given };
    const { id, state } = answerOf(this.#about.world, { type, name, inputs });
    const secret = new Set(asked.getAdditionalsecretoutputsList());
    const told = Object.entries(state).map(([output, value]) => [
      output,
      secret.has(output) || isSecret(given[output]) ? secretOf(value) : value,
    ]);
    return { id, state: { ...given, ...(Object.fromEntries(told) as Fields) } };
  }

  #read(asked: ReadResourceRequest) {
    const [type, name, id] = [asked.getType(), asked.getName(), asked.getId()];
    const given = fieldsOf(asked.getProperties());
    this.calls.push({ token: type, args: { name, id } });
    const answer = new resources.ReadResourceResponse();
    answer.setUrn(urnOf(this.#about, { parent: asked.getParent(), type, name }));
    const state = type === "pulumi:pulumi:StackReference" ? this.#stack(id) : this.#existing(type, name, given);
    answer.setProperties(structOf({ ...given, ...state }));
    return answer;
  }

  #stack(name: string): Fields {
    const outputs = this.#about.world.stacks?.[name];
    if (outputs === undefined) throw new Refusal(`unknown stack "${name}"`);
    return { name, outputs, secretOutputNames: [] };
  }

  #existing(type: string, name: string, inputs: Fields): Fields {
    return answerOf(this.#about.world, { type, name, inputs }).state;
  }

  #invoke(asked: ResourceInvokeRequest) {
    const token = asked.getTok();
    const { values } = readableFields(fieldsOf(asked.getArgs()));
    const answer = new resources.ResourceInvokeResponse();
    if (token === "pulumi:pulumi:getResource") {
      answer.setReturn(structOf(this.#resource(String(values["urn"]))));
      return answer;
    }
    this.#needProvider(token, asked.getProvider());
    this.calls.push({ token, args: values });
    answer.setReturn(structOf(this.#about.world.call(token, values)));
    return answer;
  }

  /** What the SDK asks for when a resource was passed as a value. */
  #resource(urn: string): Fields {
    const made = this.#made.get(urn);
    if (made === undefined) throw new Refusal(`unknown resource ${urn}`);
    return { urn, id: made.id, state: made.state };
  }
}

import { credentials } from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import callbacks from "@pulumi/pulumi/proto/callback_pb.js";
import type {
  RegisterResourceRequest,
  TransformResourceOptions,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb.js";
import resources from "@pulumi/pulumi/proto/resource_pb.js";

/** Lets one transform of the program change what was asked. Of the options those that a plan shows are passed on. */
export async function transform(asked: RegisterResourceRequest, callback: Callback): Promise<void> {
  const request = new resources.TransformRequest();
  request.setType(asked.getType());
  request.setName(asked.getName());
  request.setCustom(asked.getCustom());
  request.setParent(asked.getParent());
  request.setProperties(asked.getObject());
  request.setOptions(optionsOf(asked));
  const answer = await invoke(callback, request.serializeBinary());
  const properties = answer.getProperties();
  if (properties !== undefined) asked.setObject(properties);
  const options = answer.getOptions();
  if (options !== undefined) apply(options, asked);
}

function optionsOf(asked: RegisterResourceRequest): TransformResourceOptions {
  const options = new resources.TransformResourceOptions();
  options.setDependsOnList(asked.getDependenciesList());
  options.setIgnoreChangesList(asked.getIgnorechangesList());
  options.setReplaceOnChangesList(asked.getReplaceonchangesList());
  options.setAdditionalSecretOutputsList(asked.getAdditionalsecretoutputsList());
  options.setAliasesList(asked.getAliasesList());
  options.setProvider(asked.getProvider());
  options.setVersion(asked.getVersion());
  options.setDeletedWith(asked.getDeletedwith());
  const protect = asked.getProtect();
  if (protect !== undefined) options.setProtect(protect);
  const retained = asked.getRetainondelete();
  if (retained !== undefined) options.setRetainOnDelete(retained);
  if (asked.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(asked.getDeletebeforereplace());
  return options;
}

function apply(options: TransformResourceOptions, asked: RegisterResourceRequest): void {
  asked.setDependenciesList(options.getDependsOnList());
  asked.setIgnorechangesList(options.getIgnoreChangesList());
  asked.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  asked.setProvider(options.getProvider());
  const protect = options.getProtect();
  if (protect !== undefined) asked.setProtect(protect);
  const retained = options.getRetainOnDelete();
  if (retained !== undefined) asked.setRetainondelete(retained);
}

async function invoke(callback: Callback, bytes: Uint8Array): Promise<TransformResponse> {
  const request = new callbacks.CallbackInvokeRequest();
  request.setToken(callback.getToken());
  request.setRequest(bytes);
  const client = new CallbacksClient(callback.getTarget(), credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.invoke(request, (error, answer) => {
        if (error === null) resolve(resources.TransformResponse.deserializeBinary(answer.getResponse_asU8()));
        else reject(new Error(error.details, { cause: error }));
      });
    });
  } finally {
    client.close();
  }
}

/**
 * What CloudFront runs on each request: a path of the application is its one page, and a file is a file. What stands here is
 * taken as it is, in the JavaScript that CloudFront has.
 */
export const REWRITE = `function handler(event) {
  var request = event.request;
  var last = request.uri.split("/").pop();
  if (last.indexOf(".") === -1) request.uri = "/index.html";
  return request;
}
`;

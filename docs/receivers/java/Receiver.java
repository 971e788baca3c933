import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Receives webhooks from Punctual with nothing but the JDK. Copy {@code sign} and {@code verify}; the rest is one way to
 * use them.
 *
 * <pre>WEBHOOK_SECRET=whsec_... PORT=8080 java Receiver.java</pre>
 */
public final class Receiver {
  private static final Duration TOLERANCE = Duration.ofMinutes(5);
  private static final int LARGEST_BODY = 1024 * 1024;

  /** The signature of a message, as it stands in {@code webhook-signature}. */
  static String sign(String secret, String id, String timestamp, byte[] body) throws GeneralSecurityException {
    byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
  }

  /**
   * Whether a request comes from who knows the secret, and is fresh. {@code header} looks one up by name and gives null
   * if it is missing; {@code body} is the bytes as they came in, before any parsing.
   */
  static boolean verify(String secret, UnaryOperator<String> header, byte[] body, Instant now) {
    String id = header.apply("webhook-id");
    String timestamp = header.apply("webhook-timestamp");
    String signatures = header.apply("webhook-signature");
    if (id == null || id.isEmpty() || timestamp == null || signatures == null) return false;
    if (!timestamp.matches("[0-9]{1,12}")) return false;
    Duration age = Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now);
    if (age.abs().compareTo(TOLERANCE) > 0) return false;

    byte[] expected;
    try {
      expected = sign(secret, id, timestamp, body).getBytes(UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException unusableSecret) {
      return false;
    }
    // During a rotation there are two signatures, and one that fits is enough. Other versions never fit.
    return Arrays.stream(signatures.split(" ")).anyMatch(given -> MessageDigest.isEqual(given.getBytes(UTF_8), expected));
  }

  /** What you do with an event. It may come again: keep the id together with what you do, and do it once. */
  private static void handle(String id, byte[] body) {
    System.out.println(id + ": " + body.length + " bytes"); // Your JSON library reads them.
  }

  private static int receive(HttpExchange exchange, String secret) {
    try {
      byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
      if (body.length > LARGEST_BODY) return 413;
      if (!verify(secret, exchange.getRequestHeaders()::getFirst, body, Instant.now())) return 401;
      handle(exchange.getRequestHeaders().getFirst("webhook-id"), body);
      return 204;
    } catch (IOException | RuntimeException error) {
      error.printStackTrace();
      return 500; // Punctual tries again later.
    }
  }

  private static void serve(String secret, int port) throws IOException, GeneralSecurityException {
    sign(secret, "", "", new byte[0]); // A secret that cannot be used is found now, not with the first event.
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(receive(exchange, secret), -1);
      exchange.close();
    });
    server.start();
    System.out.println("listening on http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Lines of base64 fields with tabs between them (secret, id, timestamp, signature, body, now), each answered ok or no. */
  private static void check() {
    new BufferedReader(new InputStreamReader(System.in, UTF_8)).lines().forEach(line -> {
      byte[][] fields = Arrays.stream(line.split("\t", -1)).map(Base64.getDecoder()::decode).toArray(byte[][]::new);
      String[] texts = Arrays.stream(fields).map(field -> new String(field, UTF_8)).toArray(String[]::new);
      var headers = Map.of("webhook-id", texts[1], "webhook-timestamp", texts[2], "webhook-signature", texts[3]);
      Instant now = Instant.ofEpochSecond(Long.parseLong(texts[5]));
      System.out.println(verify(texts[0], headers::get, fields[4], now) ? "ok" : "no");
    });
  }

  public static void main(String[] args) throws IOException, GeneralSecurityException {
    Map<String, String> env = System.getenv();
    if (args.length > 0 && args[0].equals("--check")) check();
    else serve(env.getOrDefault("WEBHOOK_SECRET", ""), Integer.parseInt(env.getOrDefault("PORT", "8080")));
  }
}

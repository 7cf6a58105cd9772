package weir.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** The fields of a JSON object, one after the other. */
public final class Fields {
  public static final JsonFactory JSON = new JsonFactory();

  /** Takes a field at whose value the parser is; one of no use is skipped with its children. */
  public interface Taker {
    void take(String name, JsonParser parser) throws IOException;
  }

  private Fields() {}

  public static void each(JsonParser object, Taker taker) throws IOException {
    try (JsonParser parser = object) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        taker.take(name, parser);
      }
    }
  }
}

package weir.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;

/** One reading of the input: {"ts":"2026-01-01T00:00:00.250Z","sensor":"s00042",…,"value":21.37}. Other fields are skipped. */
public class Reading {
  private static final JsonFactory JSON = new JsonFactory();

  public long time; // milliseconds since 1970
  public String sensor;
  public double value;

  public static Reading of(byte[] text) throws IOException {
    Reading reading = new Reading();
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "ts" -> reading.time = Instant.parse(parser.getText()).toEpochMilli();
          case "sensor" -> reading.sensor = parser.getText();
          case "value" -> reading.value = parser.getDoubleValue();
          default -> parser.skipChildren();
        }
      }
    }
    return reading;
  }
}

package weir.bench;

import java.io.IOException;
import java.time.Instant;

/** One reading of the input: {"ts":"2026-01-01T00:00:00.250Z","sensor":"s00042",…,"value":21.37}. Other fields are skipped. */
public class Reading {
  public long time; // milliseconds since 1970
  public String sensor;
  public double value;

  public static Reading of(byte[] text) throws IOException {
    Reading reading = new Reading();
    Fields.each(Fields.JSON.createParser(text), (name, parser) -> {
      switch (name) {
        case "ts" -> reading.time = Instant.parse(parser.getText()).toEpochMilli();
        case "sensor" -> reading.sensor = parser.getText();
        case "value" -> reading.value = parser.getDoubleValue();
        default -> parser.skipChildren();
      }
    });
    return reading;
  }
}

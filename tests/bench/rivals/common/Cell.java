package weir.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Count, sum, least and greatest of a key in a window, and the row that they make. */
public class Cell {
  public long count;
  public double sum;
  public double least = Double.POSITIVE_INFINITY;
  public double greatest = Double.NEGATIVE_INFINITY;

  public Cell add(double value) {
    count++;
    sum += value;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
    return this;
  }

  public Cell merge(Cell other) {
    count += other.count;
    sum += other.sum;
    least = Math.min(least, other.least);
    greatest = Math.max(greatest, other.greatest);
    return this;
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(32).putLong(count).putDouble(sum).putDouble(least).putDouble(greatest).array();
  }

  public static Cell of(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Cell cell = new Cell();
    cell.count = buffer.getLong();
    cell.sum = buffer.getDouble();
    cell.least = buffer.getDouble();
    cell.greatest = buffer.getDouble();
    return cell;
  }

  /** The row of the window that begins at `start`, in milliseconds. */
  public byte[] row(long start, String sensor) {
    return ("{\"window_start\":\"" + Instant.ofEpochMilli(start) + "\",\"sensor\":\"" + sensor + "\",\"n\":" + count + ",\"mean\":" + sum / count
        + ",\"min\":" + least + ",\"max\":" + greatest + "}").getBytes(StandardCharsets.UTF_8);
  }
}

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// Endless streams of bytes, one for each number, that can be made and checked from any position: what was lost, doubled, swapped or mixed
/// up between streams does not fit. Immutable, any thread.
/// </summary>
internal static class SimPattern
{
    // A prime, so that no buffer size is a multiple of the period.
    private const int Period = 65_521;

    private static readonly byte[] Base = Make();

    public static void Fill(Span<byte> destination, int stream, long position)
    {
        while (destination.Length > 0)
        {
            ReadOnlySpan<byte> piece = At(stream, position);
            int count = Math.Min(piece.Length, destination.Length);
            piece[..count].CopyTo(destination);
            destination = destination[count..];
            position += count;
        }
    }

    public static bool Matches(ReadOnlySpan<byte> bytes, int stream, long position)
    {
        while (bytes.Length > 0)
        {
            ReadOnlySpan<byte> piece = At(stream, position);
            int count = Math.Min(piece.Length, bytes.Length);
            if (!piece[..count].SequenceEqual(bytes[..count])) return false;
            bytes = bytes[count..];
            position += count;
        }
        return true;
    }

    private static ReadOnlySpan<byte> At(int stream, long position) => Base.AsSpan((int)((position + stream * 7919L) % Period));

    private static byte[] Make()
    {
        byte[] bytes = new byte[Period];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}

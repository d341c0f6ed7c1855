namespace FastTcpProxy.ProxyProtocol.Fuzz;

/// <summary>Makes damaged headers out of valid ones, the same ones for the same seed. One thread; it owns its corpus.</summary>
public sealed class Mutator(int seed)
{
    private const int MutationsMax = 6;
    private static readonly byte[] Telling = [.. "\r\n :.09fP"u8, 0, 1, 0xFF];
    private readonly Random _random = new(seed);
    private readonly List<byte[]> _corpus = Corpus.Create();

    /// <summary>Gives the next input.</summary>
    public byte[] Next()
    {
        List<byte> bytes = [.. _corpus[_random.Next(_corpus.Count)]];
        for (int count = _random.Next(MutationsMax + 1); count > 0 && bytes.Count > 0; count--) Mutate(bytes);
        return [.. bytes];
    }

    private void Mutate(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count);
        switch (_random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes[at] = Telling[_random.Next(Telling.Length)];
                break;
            case 3:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(_random.Next(1, 4), bytes.Count - at));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                // The end of another header: lengths that lie, two headers in a row.
                byte[] other = _corpus[_random.Next(_corpus.Count)];
                bytes.AddRange(other.AsSpan(_random.Next(other.Length)));
                break;
        }
    }
}

using System.Security.Cryptography;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// The hash of sources, keyed by a seed that no client knows, so that clients cannot choose addresses that fall into one place of the
/// table. Two rounds of a multiplication of which both halves are kept. Immutable, any thread.
/// </summary>
internal readonly struct SourceHash
{
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;

    /// <param name="seed">For tests that must repeat.</param>
    public SourceHash(ulong seed)
    {
        _first = Spread(ref seed);
        _second = Spread(ref seed);
        // Odd, so that no bit of the first round is lost by the second.
        _third = Spread(ref seed) | 1;
    }

    /// <summary>With a seed of its own.</summary>
    public static SourceHash Create()
    {
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(seed);
        return new SourceHash(BitConverter.ToUInt64(seed));
    }

    public ulong Of(in SourceKey key) =>
        Fold(Fold(key.High ^ _first, key.Low ^ _second) ^ ((ulong)key.Bits * 0x9E37_79B9_7F4A_7C15), _third);

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    /// <summary>SplitMix64: three words of one seed.</summary>
    private static ulong Spread(ref ulong seed)
    {
        ulong word = seed += 0x9E37_79B9_7F4A_7C15;
        word = (word ^ (word >> 30)) * 0xBF58_476D_1CE4_E5B9;
        word = (word ^ (word >> 27)) * 0x94D0_49BB_1331_11EB;
        return word ^ (word >> 31);
    }
}

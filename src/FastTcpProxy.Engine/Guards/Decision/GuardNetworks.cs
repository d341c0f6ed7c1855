using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>
/// The allowed and denied networks of a configuration, and where each was written. Two are equal when they say the same of every address
/// for the same reasons. Immutable, any thread.
/// </summary>
public sealed class GuardNetworks : IEquatable<GuardNetworks>
{
    private const int EntryBytes = 24;

    private readonly ImmutableArray<byte> _digest;

    private GuardNetworks(NetworkTable table, ImmutableArray<string> origins, ImmutableArray<byte> digest) =>
        (Table, Origins, _digest) = (table, origins, digest);

    public NetworkTable Table { get; }

    /// <summary>Where the entries of each <see cref="NetworkEntry.Number"/> were written, as operators know it.</summary>
    public ImmutableArray<string> Origins { get; }

    /// <summary>Null: the table cannot take so many.</summary>
    /// <param name="entries">In any order.</param>
    /// <param name="origins">By their numbers.</param>
    /// <param name="change">What the table says of them.</param>
    public static GuardNetworks? Of(ReadOnlySpan<NetworkEntry> entries, ImmutableArray<string> origins, out NetworkChange change)
    {
        NetworkTable table = new();
        change = table.Replace(null, entries, now: 0);
        return change == NetworkChange.Done ? new GuardNetworks(table, origins, DigestOf(table)) : null;
    }

    public bool Equals(GuardNetworks? other) => other is not null && _digest.AsSpan().SequenceEqual(other._digest.AsSpan())
        && Origins.AsSpan().SequenceEqual(other.Origins.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as GuardNetworks);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(_digest.AsSpan());

    // A reload must tell a changed list of a million networks from an unchanged one without keeping the list.
    private static ImmutableArray<byte> DigestOf(NetworkTable table)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[EntryBytes * 1_024];
        int used = 0;
        foreach (NetworkEntry entry in table.Entries(now: 0))
        {
            Span<byte> bytes = block.AsSpan(used, EntryBytes);
            BinaryPrimitives.WriteUInt128LittleEndian(bytes, entry.Network.Address.Address);
            bytes[16] = (byte)entry.Network.PrefixLength;
            bytes[17] = (byte)entry.Network.Family;
            bytes[18] = (byte)entry.Action;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], entry.Number);
            used += EntryBytes;
            if (used < block.Length) continue;
            hash.AppendData(block);
            used = 0;
        }
        hash.AppendData(block, 0, used);
        return [.. hash.GetHashAndReset()];
    }
}

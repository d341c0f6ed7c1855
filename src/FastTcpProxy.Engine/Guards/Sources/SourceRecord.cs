using System.Buffers.Binary;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// A source as it goes over to another process or to the disk. Its times are relative to the moment at which it was read, so that they mean
/// the same by another clock. An immutable value.
/// </summary>
public readonly record struct SourceRecord
{
    /// <summary>What <see cref="Write"/> writes.</summary>
    public const int Bytes = 76;

    private const byte BanFlag = 1, ServedFlag = 2;

    /// <summary>Beyond what a bucket can owe, and what a ban can last: nothing adds up to more than a long can say.</summary>
    private const long TimeMax = 1L << 44;

    /// <summary>Whose it is. The overflow of each scope that has been used has one too.</summary>
    public SourceKey Key { get; init; }

    /// <summary>Its sessions then. <see cref="SourceTable.Restore"/> does not count them: <see cref="InheritedSessions"/> does.</summary>
    public int Sessions { get; init; }

    /// <summary>Until its bucket is full, in microseconds; 0: it is.</summary>
    public long FullInUs { get; init; }

    /// <summary>Until the bucket of what its clients send is full.</summary>
    public long FromClientFullInUs { get; init; }

    /// <summary>Until the bucket of what its clients get is full.</summary>
    public long ToClientFullInUs { get; init; }

    /// <summary>In its window.</summary>
    public int Refusals { get; init; }

    /// <summary>Whether it is, or was at last, banned.</summary>
    public bool IsBan { get; init; }

    /// <summary>How often the ban has doubled, or will have at the next one.</summary>
    public int Level { get; init; }

    /// <summary>A ban: until it ends; below 0: it has ended since. Otherwise since when the window is open, below 0.</summary>
    public long PenaltyInMs { get; init; }

    /// <summary>Until nothing is held against it any more; 0: nothing is.</summary>
    public long PenaltyEndInMs { get; init; }

    /// <summary>Since it last came or left, in seconds.</summary>
    public int LastSeenAgoS { get; init; }

    /// <summary>Until nothing vouches for it any more; 0: nothing does.</summary>
    public int VouchedInS { get; init; }

    /// <summary>A session of it was served.</summary>
    public bool WasServed { get; init; }

    /// <summary>Whether there is anything to keep.</summary>
    internal bool IsWorthKeeping => WasServed || Sessions > 0 || PenaltyEndInMs > 0 || VouchedInS > 0
        || (FullInUs | FromClientFullInUs | ToClientFullInUs) != 0;

    /// <summary>Writes it, little-endian.</summary>
    /// <param name="to"><see cref="Bytes"/> at least.</param>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, Key.High);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], Key.Low);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], Key.Bits);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], Sessions);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], FullInUs);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], FromClientFullInUs);
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], ToClientFullInUs);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], PenaltyInMs);
        BinaryPrimitives.WriteInt64LittleEndian(to[56..], PenaltyEndInMs);
        BinaryPrimitives.WriteInt32LittleEndian(to[64..], LastSeenAgoS);
        BinaryPrimitives.WriteInt32LittleEndian(to[68..], VouchedInS);
        BinaryPrimitives.WriteUInt16LittleEndian(to[72..], (ushort)Refusals);
        to[74] = (byte)Level;
        to[75] = (byte)((IsBan ? BanFlag : 0) | (WasServed ? ServedFlag : 0));
    }

    /// <summary>Reads what was written; false: it is none.</summary>
    /// <param name="from"><see cref="Bytes"/> at least.</param>
    public static bool TryRead(ReadOnlySpan<byte> from, out SourceRecord record)
    {
        byte flags = from[75];
        record = new SourceRecord
        {
            Key = new SourceKey(BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[16..])),
            Sessions = BinaryPrimitives.ReadInt32LittleEndian(from[20..]),
            FullInUs = BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            FromClientFullInUs = BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            ToClientFullInUs = BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            PenaltyInMs = BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            PenaltyEndInMs = BinaryPrimitives.ReadInt64LittleEndian(from[56..]),
            LastSeenAgoS = BinaryPrimitives.ReadInt32LittleEndian(from[64..]),
            VouchedInS = BinaryPrimitives.ReadInt32LittleEndian(from[68..]),
            Refusals = BinaryPrimitives.ReadUInt16LittleEndian(from[72..]),
            Level = from[74],
            IsBan = (flags & BanFlag) != 0,
            WasServed = (flags & ServedFlag) != 0,
        };
        return record.Key.IsValid && record.Sessions is >= 0 and <= EntryState.SessionsMax && record.Level <= Penalty.LevelMax
            && record.LastSeenAgoS >= 0 && record.VouchedInS >= 0 && flags < 2 * ServedFlag
            && record.FullInUs is >= 0 and < TimeMax && record.FromClientFullInUs is >= 0 and < TimeMax
            && record.ToClientFullInUs is >= 0 and < TimeMax && record.PenaltyInMs is > -TimeMax and < TimeMax
            && record.PenaltyEndInMs is >= 0 and < TimeMax;
    }
}

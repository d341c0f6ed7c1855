namespace FastTcpProxy.ProxyProtocol;

/// <summary>What <see cref="ProxyHeaderDecoder.VerifyCrc32C"/> found.</summary>
public enum Crc32COutcome : byte
{
    /// <summary>The header has no CRC32C, or its TLVs cannot be read.</summary>
    Absent,

    /// <summary>The header has one, and it is right.</summary>
    Match,

    /// <summary>The header has one, and it is not that of the header.</summary>
    Mismatch,

    /// <summary>The header has more than one, or one whose value is not 4 bytes long.</summary>
    Malformed,
}

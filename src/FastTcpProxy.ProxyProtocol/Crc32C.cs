using System.Buffers.Binary;
using System.Numerics;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// CRC32C (Castagnoli; RFC 4960, Appendix B), by the processor's own instruction where it has one. Pure functions, any thread.
/// Begin with <see cref="Seed"/>, add the pieces in order, end with <see cref="Finish"/>.
/// </summary>
internal static class Crc32C
{
    /// <summary>The length of the value of a CRC32C TLV in bytes (specification 2.2.3).</summary>
    public const int ValueLength = 4;

    /// <summary>The state before the first byte.</summary>
    public const uint Seed = uint.MaxValue;

    /// <summary>Adds bytes to the state.</summary>
    public static uint Add(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            // The checksum goes over the bytes in their order, lowest address first, on any machine.
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes) state = BitOperations.Crc32C(state, value);
        return state;
    }

    /// <summary>Gives the checksum of all bytes added.</summary>
    public static uint Finish(uint state) => ~state;

    /// <summary>
    /// The checksum of a header, with the 4 bytes of its CRC32C field taken as zero whatever they are (specification 2.2.3).
    /// </summary>
    public static uint OfHeader(ReadOnlySpan<byte> header, int fieldOffset)
    {
        uint state = Add(Seed, header[..fieldOffset]);
        state = BitOperations.Crc32C(state, 0u);
        return Finish(Add(state, header[(fieldOffset + ValueLength)..]));
    }
}

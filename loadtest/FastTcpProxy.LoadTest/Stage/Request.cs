using System.Buffers.Binary;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// The first bytes of a client: what it wants of the backend. The backend answers with one byte, its own name, and then does it. Pure.
/// </summary>
internal static class Request
{
    /// <summary>A command, seven unused bytes, and a length.</summary>
    public const int Bytes = 16;

    /// <summary>All that follows comes back, until the client ends its direction.</summary>
    public const byte Echo = (byte)'e';

    /// <summary>So many bytes come, and the end.</summary>
    public const byte Send = (byte)'s';

    public static void Write(Span<byte> to, byte command, long length)
    {
        to[..Bytes].Clear();
        to[0] = command;
        BinaryPrimitives.WriteInt64BigEndian(to[8..], length);
    }

    public static (byte Command, long Length) Read(ReadOnlySpan<byte> from) => (from[0], BinaryPrimitives.ReadInt64BigEndian(from[8..]));
}

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// A login to MySQL or MariaDB without a password, and COM_QUIT: the server counts no connect error, and aborted connections stay at zero
/// (MySQL's documentation of the client/server protocol, "Connection Phase"). Pure functions, any thread.
/// </summary>
internal static class MysqlDialogue
{
    private const int HeadBytes = 4;
    private const byte Ok = 0x00, More = 0x01, AuthSwitch = 0xfe, Error = 0xff, GreetingVersion = 10;

    // CLIENT_LONG_PASSWORD, CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH.
    private const uint Capabilities = 0x1 | 0x200 | 0x8000 | 0x80000;
    private const int PacketMax = 1 << 24;
    private const byte Utf8 = 33;

    /// <summary>The first COM_QUIT of a session: one byte, number 0.</summary>
    private static readonly byte[] Quit = [1, 0, 0, 0, 1];

    public static ImmutableArray<DialogueStep> Login(string user) =>
    [
        new PacketStep("greeting", received => Greet(received, user)),
        new PacketStep($"login of {Wording.Quote(user)}", ReadLogin),
    ];

    private static PacketReply Greet(ReadOnlySpan<byte> received, string user)
    {
        if (Packet(received) is not { } packet) return PacketReply.Wait;
        ReadOnlySpan<byte> body = packet.Body(received);
        if (body.IsEmpty || body[0] is not (GreetingVersion or Error)) return PacketReply.Foreign("MySQL", received);
        return body[0] == Error ? Refuse(body) : PacketReply.Done(LoginPacket(user, PluginOf(body)));
    }

    private static PacketReply ReadLogin(ReadOnlySpan<byte> received)
    {
        if (Packet(received) is not { } packet) return PacketReply.Wait;
        ReadOnlySpan<byte> body = packet.Body(received);
        if (body.IsEmpty) return PacketReply.Foreign("MySQL", received);
        return body[0] switch
        {
            Ok => PacketReply.Done(Quit),
            Error => Refuse(body),
            // The user's method is not the server's default.
            AuthSwitch => PacketReply.Answered(packet.Length, SwitchPacket(NoPassword(TextAt(body[1..])), (byte)(packet.Number + 1))),
            More => PacketReply.Skip(packet.Length),
            _ => PacketReply.Foreign("MySQL", received),
        };
    }

    /// <summary>The packet at the beginning, or null while it is not whole. A foreign one may claim any length.</summary>
    private static MysqlPacket? Packet(ReadOnlySpan<byte> received)
    {
        if (received.Length < HeadBytes) return null;
        int length = HeadBytes + (received[0] | received[1] << 8 | received[2] << 16);
        if (length > Dialogue.PacketBytesMax) return new MysqlPacket(received.Length, received[3], IsWhole: false);
        return received.Length < length ? null : new MysqlPacket(length, received[3], IsWhole: true);
    }

    /// <summary>The server's default method, which is the last text of its greeting; that of MariaDB when there is none.</summary>
    private static ReadOnlySpan<byte> PluginOf(ReadOnlySpan<byte> greeting)
    {
        // Behind the version: connection id (4), scramble (8), filler (1), capabilities (2), character set (1), status (2), capabilities
        // (2), length of the scramble (1), filler (10), the rest of the scramble (at least 13).
        int version = greeting.IndexOf((byte)0);
        ReadOnlySpan<byte> rest = version < 0 ? [] : greeting[(version + 1)..];
        const int scrambleLength = 20, scrambleRest = 31;
        if (rest.Length <= scrambleRest) return "mysql_native_password"u8;
        int begin = scrambleRest + Math.Max(13, rest[scrambleLength] - 8);
        if (rest.Length <= begin) return "mysql_native_password"u8;
        return TextAt(rest[begin..]);
    }

    private static ReadOnlySpan<byte> TextAt(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf((byte)0) is >= 0 and int end ? bytes[..end] : bytes;

    /// <summary>
    /// What says that there is no password: nothing, or a zero where a method takes nothing for a password that follows (the page
    /// "SHA-256 Authentication" of MySQL's documentation).
    /// </summary>
    private static ReadOnlySpan<byte> NoPassword(ReadOnlySpan<byte> plugin) => plugin.SequenceEqual("sha256_password"u8) ? [0] : [];

    private static byte[] SwitchPacket(ReadOnlySpan<byte> answer, byte number) => [(byte)answer.Length, 0, 0, number, .. answer];

    private static byte[] LoginPacket(string user, ReadOnlySpan<byte> plugin)
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        ReadOnlySpan<byte> password = NoPassword(plugin);
        // The fixed part has 32 bytes; the name ends with a zero, the password follows its length, and the method ends with a zero.
        byte[] packet = new byte[HeadBytes + 32 + name.Length + 1 + 1 + password.Length + plugin.Length + 1];
        BinaryPrimitives.WriteInt32LittleEndian(packet, packet.Length - HeadBytes);
        packet[3] = 1;
        Span<byte> body = packet.AsSpan(HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body, Capabilities);
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], PacketMax);
        body[8] = Utf8;
        name.CopyTo(body[32..]);
        Span<byte> rest = body[(32 + name.Length + 1)..];
        rest[0] = (byte)password.Length;
        password.CopyTo(rest[1..]);
        plugin.CopyTo(rest[(1 + password.Length)..]);
        return packet;
    }

    /// <summary>The number and the text of an error.</summary>
    private static PacketReply Refuse(ReadOnlySpan<byte> body)
    {
        if (body.Length < 3) return PacketReply.Refused("the server refuses");
        int number = BinaryPrimitives.ReadUInt16LittleEndian(body[1..]);
        ReadOnlySpan<byte> text = body[3..];
        // The state of SQL stands before the text, unless the server does not know the client's version yet.
        if (text.Length > 6 && text[0] == (byte)'#') text = text[6..];
        return PacketReply.Refused(string.Create(CultureInfo.InvariantCulture, $"the server refuses: {number} {ProbeText.Quote(text)}"));
    }

    /// <param name="Length">With its head.</param>
    /// <param name="Number">In its exchange.</param>
    /// <param name="IsWhole">False: no such packet is sent by a server of this protocol.</param>
    private readonly record struct MysqlPacket(int Length, byte Number, bool IsWhole)
    {
        public ReadOnlySpan<byte> Body(ReadOnlySpan<byte> received) => IsWhole ? received[HeadBytes..Length] : [];
    }
}

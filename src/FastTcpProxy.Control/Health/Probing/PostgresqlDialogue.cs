using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// What PostgreSQL is asked (its documentation, "Frontend/Backend Protocol"). Pure functions, any thread.
/// </summary>
/// <remarks>
/// Without a user it is asked whether it encrypts by GSSAPI. Servers from version 12 on answer, and a client that then leaves in order is
/// in no log. The same question for TLS leaves a line where the server has a certificate, and a connection that is reset always does.
/// </remarks>
internal static class PostgresqlDialogue
{
    private const int HeadBytes = 5;
    private const int ProtocolVersion = 3 << 16;

    /// <summary>GSSENCRequest: the length, and 1234 and 5680 as a version.</summary>
    private static readonly byte[] Question = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];

    /// <summary>Terminate.</summary>
    private static readonly byte[] Terminate = [(byte)'X', 0, 0, 0, 4];

    public static ImmutableArray<DialogueStep> Of(string? user) => user is null
        ? [new SendStep("", Question), new PacketStep("", ReadAnswer)]
        : [new SendStep("", Startup(user)), new PacketStep($"login of {Wording.Quote(user)}", ReadLogin)];

    private static PacketReply ReadAnswer(ReadOnlySpan<byte> received) => received.IsEmpty ? PacketReply.Wait : received[0] switch
    {
        (byte)'G' or (byte)'N' => PacketReply.Done(),
        (byte)'E' => ReadMessage(received),
        _ => PacketReply.Foreign("PostgreSQL", received),
    };

    private static PacketReply ReadLogin(ReadOnlySpan<byte> received) => received.IsEmpty ? PacketReply.Wait : received[0] switch
    {
        // Parameters, the key for cancellation, notices, and the version of the protocol.
        (byte)'R' or (byte)'S' or (byte)'K' or (byte)'N' or (byte)'v' or (byte)'Z' or (byte)'E' => ReadMessage(received),
        _ => PacketReply.Foreign("PostgreSQL", received),
    };

    private static PacketReply ReadMessage(ReadOnlySpan<byte> received)
    {
        if (received.Length < HeadBytes) return PacketReply.Wait;
        int length = BinaryPrimitives.ReadInt32BigEndian(received[1..]);
        if (length is < 4 or >= Dialogue.PacketBytesMax) return PacketReply.Foreign("PostgreSQL", received);
        if (received.Length < length + 1) return PacketReply.Wait;
        ReadOnlySpan<byte> body = received[HeadBytes..(length + 1)];
        return received[0] switch
        {
            (byte)'E' => PacketReply.Refused($"the server refuses: {ProbeText.Quote(ErrorText(body))}"),
            (byte)'Z' => PacketReply.Done(Terminate),
            // It asks for a password: it works, and a client that leaves now is in no log.
            (byte)'R' when body.Length >= 4 && BinaryPrimitives.ReadInt32BigEndian(body) != 0 => PacketReply.Done(),
            _ => PacketReply.Skip(length + 1),
        };
    }

    /// <summary>The field M of an error; all of it when it has none.</summary>
    private static ReadOnlySpan<byte> ErrorText(ReadOnlySpan<byte> fields)
    {
        ReadOnlySpan<byte> rest = fields;
        while (rest.IndexOf((byte)0) is var end and > 0)
        {
            if (rest[0] == (byte)'M') return rest[1..end];
            rest = rest[(end + 1)..];
        }
        return fields;
    }

    private static byte[] Startup(string user)
    {
        byte[] parameters = Encoding.UTF8.GetBytes($"user\0{user}\0database\0postgres\0application_name\0fasttcpproxy\0\0");
        byte[] packet = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(packet, packet.Length);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), ProtocolVersion);
        parameters.CopyTo(packet, 8);
        return packet;
    }
}

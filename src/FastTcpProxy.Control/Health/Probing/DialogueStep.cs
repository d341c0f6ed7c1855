using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>One step of a dialogue with a server. Immutable.</summary>
/// <param name="Name">For the text of a failure; empty: the only one.</param>
internal abstract record DialogueStep(string Name);

/// <summary>Sends bytes, and forgets what came before.</summary>
internal sealed record SendStep(string Name, ReadOnlyMemory<byte> Bytes) : DialogueStep(Name);

/// <summary>Waits until what has come since the last send matches.</summary>
internal sealed record ExpectStep(string Name, ContentPattern Pattern) : DialogueStep(Name);

/// <summary>Reads the packets of a binary protocol, and answers them.</summary>
internal sealed record PacketStep(string Name, PacketReader Read) : DialogueStep(Name);

/// <summary>Judges what has come and was not taken yet. A pure function.</summary>
internal delegate PacketReply PacketReader(ReadOnlySpan<byte> received);

/// <summary>What follows from the bytes that have come. Immutable.</summary>
/// <param name="Taken">So many of them are done with.</param>
/// <param name="Answer">What is sent now.</param>
/// <param name="IsDone">Whether the step is over.</param>
/// <param name="Failure">Why the probe is bad; null: it continues.</param>
internal readonly record struct PacketReply(int Taken, ReadOnlyMemory<byte> Answer, bool IsDone, ProbeOutcome? Failure)
{
    /// <summary>More must come.</summary>
    public static PacketReply Wait => default;

    /// <summary>A packet that does not matter.</summary>
    public static PacketReply Skip(int taken) => new(taken, default, false, null);

    public static PacketReply Answered(int taken, ReadOnlyMemory<byte> answer) => new(taken, answer, false, null);

    public static PacketReply Done(ReadOnlyMemory<byte> answer = default) => new(0, answer, true, null);

    /// <summary>The server says no.</summary>
    public static PacketReply Refused(string why) => new(0, default, true, new ProbeOutcome(ProbeFailure.Content, why));

    /// <summary>The server speaks another protocol.</summary>
    public static PacketReply Foreign(string what, ReadOnlySpan<byte> received) => new(0, default, true,
        new ProbeOutcome(ProbeFailure.Protocol, $"the answer is not that of {what}: {ProbeText.Quote(received)}"));
}

namespace FastTcpProxy.Testing.Simulation;

/// <summary>One line of a peer's script. Immutable.</summary>
/// <param name="Amount">Bytes or microseconds, as the kind says.</param>
internal readonly record struct PeerStep(PeerStepKind Kind, long Amount = 0, byte[]? Raw = null)
{
    public static PeerStep Echo => new(PeerStepKind.Echo);

    public static PeerStep HalfClose => new(PeerStepKind.HalfClose);

    public static PeerStep Close => new(PeerStepKind.Close);

    public static PeerStep Reset => new(PeerStepKind.Reset);

    public static PeerStep AwaitEnd => new(PeerStepKind.AwaitEnd);

    public static PeerStep Vanish => new(PeerStepKind.Vanish);

    public static PeerStep Send(long bytes) => new(PeerStepKind.Send, bytes);

    public static PeerStep Pause(long microseconds) => new(PeerStepKind.Pause, microseconds);

    public static PeerStep AwaitBytes(long bytes) => new(PeerStepKind.AwaitBytes, bytes);

    public static PeerStep SendRaw(byte[] bytes) => new(PeerStepKind.SendRaw, bytes.Length, bytes);

    public override string ToString() => Kind is PeerStepKind.Send or PeerStepKind.Pause or PeerStepKind.AwaitBytes or PeerStepKind.SendRaw
        ? $"{Kind}({Amount})"
        : Kind.ToString();
}

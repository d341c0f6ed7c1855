namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The dialogue of the two processes when the sockets are passed: one byte for each step, answered by the same byte. The new one sends the
/// steps. After each of them either can still serve: the old one continues when the next step does not come, and the new one when the old
/// one has exited.
/// </summary>
internal static class HandOverStep
{
    /// <summary>"I serve": the one step of a program that knows no others. The answer: the old process has released the sockets.</summary>
    public const byte Serving = 1;

    /// <summary>"I serve, and am here": the old process still accepts. The answer: it is here too, and its offer holds.</summary>
    public const byte Ready = 2;

    /// <summary>"You may stop accepting." The answer: it has, and keeps the sockets.</summary>
    public const byte Stop = 3;

    /// <summary>"I am still here." The answer: the old process lets go for good, whatever becomes of the new one.</summary>
    public const byte Confirm = 4;

    /// <summary>From the old process, in place of an answer: it still accepts, and will continue. The new one must exit.</summary>
    public const byte GoingOn = 5;

    /// <summary>
    /// From the old process, in place of an answer: it no longer listens, whatever the result of the take-over. From the new one, at any
    /// time: it exits, and the old one continues.
    /// </summary>
    public const byte Ending = 6;

    /// <summary>
    /// From the new process, before the first step and where the document announces them: "give me the memories of the counters". The
    /// answer: their descriptors. A program that does not ask for them does not get them.
    /// </summary>
    public const byte Counters = 7;

    /// <summary>The steps of this version, in their order.</summary>
    public static ReadOnlySpan<byte> All => [Ready, Stop, Confirm];
}

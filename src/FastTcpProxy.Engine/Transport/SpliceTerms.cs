namespace FastTcpProxy.Engine.Transport;

/// <summary>When splicing pays, and how much is spliced at once. Immutable.</summary>
/// <param name="FeeBytes">What each move pays: smaller moves gain too little.</param>
/// <param name="CreditBytes">What must be earned before splicing begins; also what can be lost before it stops.</param>
/// <param name="MoveBytesMax">The most that one move puts into a pipe.</param>
/// <param name="RestBytesMax">
/// What is left in a pipe is read out of it if it is no more than this, at most a receive buffer's size. It is also the most that a move
/// puts into the last free pipe, so that there is always one.
/// </param>
internal readonly record struct SpliceTerms(int FeeBytes, int CreditBytes, int MoveBytesMax, int RestBytesMax)
{
    /// <summary>
    /// A fee of 16 KiB, where splicing costs two thirds of copying; a credit of 1 MiB, about six full moves; moves of up to 1 MiB, for a
    /// fifth less than those of 256 KiB.
    /// </summary>
    public static SpliceTerms Measured => new(16 << 10, 1 << 20, 1 << 20, 256 << 10);
}

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>Writes all metrics into a stream, piece by piece, so that a page of thousands of upstreams is nowhere as a whole.</summary>
internal static class PrometheusPage
{
    /// <param name="pieceBytes">Written at once.</param>
    public static async Task WriteAsync(MetricsView view, Stream target, int pieceBytes, CancellationToken stop)
    {
        using PrometheusText text = new();
        foreach (MetricFamily family in MetricTable.All)
        {
            text.Begin(family);
            int owners = family.CountOwners(view);
            for (int i = 0; i < owners; i++)
            {
                family.Write(view, i, text);
                while (text.Written.Length >= pieceBytes)
                {
                    await target.WriteAsync(text.Written[..pieceBytes], stop);
                    text.Drop(pieceBytes);
                }
            }
        }
        await target.WriteAsync(text.Written, stop);
    }
}

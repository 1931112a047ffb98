namespace Cluster.Node.Certificates;

/// <summary>When to ask for the next certificate: at a random point between 50 % and 80 % of the present one's life, so that nodes that joined together do not come together.</summary>
internal static class RenewalTime
{
    private const double Earliest = 0.5;
    private const double Span = 0.3;

    /// <param name="notBefore">When the certificate was issued.</param>
    /// <param name="notAfter">When it ends.</param>
    /// <param name="chance">In [0, 1).</param>
    public static DateTime Of(DateTime notBefore, DateTime notAfter, double chance) => notBefore + (notAfter - notBefore) * (Earliest + Span * chance);
}

namespace Cluster.Manager.Hosting;

/// <summary>No leader confirmed what is current, so nothing is said rather than something outdated.</summary>
internal sealed class NoLeaderException() : Exception(Text)
{
    public const string Text = "no manager leads the cluster at the moment: a majority of the managers must be up and see each other";
}

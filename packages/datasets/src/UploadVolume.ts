/** Volumes of unfinished work have names that begin so. They do not outlive the process: the next start removes them. */
export const uploadVolumePrefix = "upload-"

export const isUploadVolume = (volume: string): boolean => volume.startsWith(uploadVolumePrefix)
